"""The benchmark rig: a fake upstream, the proxies in front of it, the load, and what /proc says about them."""
