"""Due rows take turns, whichever minutes their job runs at."""

from datetime import UTC, datetime, timedelta

from chalicelib.domain.users.upload import Purpose, Upload
from chalicelib.tables import uploads
from chalicelib.tables.rows import values
from chalicelib.tables.uploads import UploadRow

NOW = datetime(2026, 11, 23, 6, 7, tzinfo=UTC)


def test_each_upload_has_its_turn_in_a_job_that_runs_each_hour_at_one_minute(tables: object) -> None:
    """None of the uploads can be deleted, so that all of them stay due."""
    names = {str(number) for number in range(8)}
    for name in names:
        upload = Upload("user", name, "image", Purpose.GENERAL, name, False, NOW, next_check_at=NOW)
        UploadRow(**values(upload), shard="0", wait_until=NOW).save()
    runs = [uploads.due(NOW + timedelta(hours=hour), 4) for hour in range(3)]
    assert {upload.upload_id for run in runs for upload in run} == names
