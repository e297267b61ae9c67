"""The windows: they show what the engine tells and ask it through the control API; they own nothing that matters on air."""
