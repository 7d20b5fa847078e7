"""Valid bodies that more than one test sends."""

from typing import Any

PAGE_BODY: dict[str, Any] = {
    "title": "About us",
    "title_ne": "हाम्रो बारेमा",
    "content": "<p>Hello</p>",
    "content_ne": "<p>नमस्ते</p>",
    "version": 1,
}
QUESTION_BODY: dict[str, Any] = {
    "question": "How?",
    "question_ne": "कसरी?",
    "answer": "<p>So.</p>",
    "answer_ne": "<p>यसरी।</p>",
    "display_order": 3,
}
BANNER_BODY: dict[str, Any] = {
    "title": "Dashain",
    "title_ne": "दसैँ",
    "description": "Half the price",
    "description_ne": "आधा मूल्य",
    "image_url": "https://example.com/dashain.png",
    "redirect_url": "bijuli://packages/1-day",
    "display_order": 3,
    "is_active": True,
    "valid_from": "2026-11-23",
    "valid_until": "2026-11-30",
}
STATION_BODY: dict[str, Any] = {
    "station_name": "Patan Museum",
    "imei": "864601069949999",
    "latitude": 27.673,
    "longitude": 85.325,
    "address": "Mangal Bazar",
    "landmark": "Durbar Square",
    "total_slots": 8,
    "opening_time": "08:00",
    "closing_time": "20:00",
    "amenities": ["wifi"],
    "images": ["nobodys"],
    "is_maintenance": False,
}
DEVICE_BODY = {
    "device_id": "d",
    "fcm_token": "t",
    "device_type": "web",
    "device_name": "A browser",
    "app_version": "1",
    "os_version": "14",
}
PROFILE_BODY: dict[str, Any] = {
    "full_name": "A",
    "date_of_birth": "1990-01-01",
    "address": "B",
    "language": "ne",
    "avatar_url": None,
}
KYC_BODY: dict[str, Any] = {
    "document_type": "citizenship",
    "document_number": "27-01-70-01234",
    "issued_district": "Lalitpur",
    "issued_date": "2074-05-12",
    "document_front": "nobodys",
    "document_back": None,
}


PACKAGE_BODY: dict[str, Any] = {
    "name": "2 Hours",
    "name_ne": "२ घण्टा",
    "description": "For a film",
    "description_ne": "चलचित्रका लागि",
    "duration_minutes": 120,
    "price": "35.00",
    "payment_model": "PREPAID",
    "is_active": True,
    "display_order": 5,
}
ACHIEVEMENT_BODY: dict[str, Any] = {
    "name": "Early Bird",
    "name_ne": "बिहानी चरा",
    "description": "Rent 3 times",
    "description_ne": "३ पटक लिनुहोस्",
    "criteria_type": "RENTAL_COUNT",
    "criteria_value": 3,
    "reward_type": "POINTS",
    "reward_value": 20,
    "is_active": True,
}
