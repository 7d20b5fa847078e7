"""Administration: `operators` makes, changes and removes the accounts of operators, `operator_profiles` reads them.
`configuration` changes the runtime settings. `audit_log_queries` lists what operators did, and `dead_letters` has
messages handled again. `alerts` tells operators what needs a person. `banners` changes the banners of the app's first
page.
"""
