from studio.drops.clock import Clock
from studio.drops.handouts import HandoutsChanged
from studio.drops.house import House
from studio.drops.service import Drops
from studio.drops.shelf import DropChanged

__all__ = ["Clock", "DropChanged", "Drops", "HandoutsChanged", "House"]
