"""Double descent: closed forms against simulation, and measured curves."""
