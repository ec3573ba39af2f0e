"""The lab: the six nodes of the stack and a client, in network namespaces that are attached to nothing else.

    from lab import Lab, Stack
    with Lab() as lab:                       # switches, links and addresses; nothing runs yet
        stack = Stack(lab)                   # MariaDB, bookd, lbd and vrrpd as the product runs them
        stack.start()
        lab["lb1"].power_off()
        print(stack.vip_owner())

Topology (topology.py, network.py) knows no service; services (service.py, stack.py and what it uses) know no link.
"""

from .lab import Lab, LabError
from .node import Node
from .service import Ready, Service
from .stack import Stack
from .topology import STANDARD, VIP, NodePlan, Topology
from .waiting import Timeout, wait_until

__all__ = ["Lab", "LabError", "Node", "NodePlan", "Ready", "STANDARD", "Service", "Stack", "Timeout", "Topology", "VIP",
           "wait_until"]
