"""What tests stand in for: the world's fakes, people, and requests.

`authenticator`, `builders`, `city_cabinets`, `city_people`, `clocks`, `content_editor`, `direct_client`,
`event_words`, `fake_queues`, `fake_world`, `fakes`, `forms`, `http_client`, `network`, `payer`, `pictures`,
`real_tables`, `rejected_requests`, `run_until_quiet`, `tokens`, `uploading`.
"""
