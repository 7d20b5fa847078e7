"""The sandbox: the whole service and every company that it calls, on one machine.

* Start and stop: `__main__`, `command_line`, `sandbox`, `environment`, `addresses`, `options`, `ports`,
  `port_checks`, `processes`, `serving`, `connections`, `simulation`, `clock`, `fault`, `delayed_calls`, `dynoxide`,
  `garbage_collection`
* Its parts: `aws`, `companies`, `gateways`, `cabinets`, `seeds`
* What people and programs see of it: `control`, `feed`, `page`, `snapshots`
* Programs that use it: `scenario`, `scenario_stations`, `scenario_operator`, `scenario_cabinets`, `first_rental`,
  `screenshots`, `customer`, `client`
"""
