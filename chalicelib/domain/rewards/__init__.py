"""What customers earn: points, coupons, achievements and the leaderboard.

`achievement`, `coupon`, `leaderboard`, `point_rules`, `point_sources`.
"""
