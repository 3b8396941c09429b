from alipay_mini_audit.sandbox.business.parts import FILE_PARTS

OFFICIAL = """
app_logo
first_screen_shot second_screen_shot third_screen_shot fourth_screen_shot fifth_screen_shot
first_license_pic second_license_pic third_license_pic fourth_license_pic fifth_license_pic
first_special_license_pic second_special_license_pic third_special_license_pic
fourth_special_license_pic fifth_special_license_pic sixth_special_license_pic
seventh_special_license_pic eighth_special_license_pic ninth_special_license_pic
tenth_special_license_pic
out_door_pic
test_file_name
"""


def test_the_file_parts_are_those_of_the_official_schema() -> None:
    assert set(OFFICIAL.split()) == FILE_PARTS
    assert len(FILE_PARTS) == 23
