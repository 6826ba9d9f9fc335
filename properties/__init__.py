"""The property suites: laws × strategies × subjects.

pytest properties                                             everything that is right
pytest properties --gradlab-subject student.py::LinearLayer   one layer
pytest --pyargs gradlab._properties --gradlab-subject …       where gradlab is installed
"""
