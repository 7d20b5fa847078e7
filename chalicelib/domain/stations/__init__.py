"""Stations, their listings and the search by place, and reports about them.

`geo`, `issue`, `listed_station`, `listing_encoding`, `listing_pages`, `place_cells`, `place_index`, `station`,
`station_filter`, `stored_listing`.
"""
