"""The fleet lab: six whole systems, each with a systemd of its own, on the network of scripts/lab, with nothing on them but
what an empty machine has. conf/ansible makes them the fleet. tests/system/fleet and `scripts/demo --fleet` use it."""
from .fleet import PLAIN, QUICK, FleetLab
from .stack import FleetStack

__all__ = ["PLAIN", "QUICK", "FleetLab", "FleetStack"]
