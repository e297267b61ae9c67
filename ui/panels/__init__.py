"""Parts of the windows: each shows some of the room and asks for some of it; none knows another."""
