"""What customers earn.

* By messages of the points queue, each once: `messages` (which one handles what), `points`, `rental_points`,
  `completed_rentals`, `referral_awards`, `achievements`, `award_postings`
* Leaderboards: `score_counting`, `leaderboard_refresh`, `leaderboards`
* The list of achievements: `achievement_list`, `achievement_admin`
* What customers ask for: `points_history`, `referrals`, `referral_checks`
"""
