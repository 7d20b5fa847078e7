"""Topics and texts of every kind of notification, in English and Nepali: `people`, `payments`, `rentals`, `dues`,
`rewards`. `template` fills them for a reader."""
