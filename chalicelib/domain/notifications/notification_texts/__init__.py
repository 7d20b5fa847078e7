"""Topics and texts of every kind of notification, in English and Nepali: `people`, `payments`, `rentals`, `dues`,
`rewards`, and `alerts` for operators. `template` fills them for a reader."""
