"""How to break correct code on purpose: functions from the correct thing to the broken one."""
