"""PS3.15 Table E.3.10-1 (2026d), the safe private attributes: last bytes by group, creator, VR."""

ROWS: dict[tuple[int, str], dict[str, str]] = {
    (0x7053, "Philips PET Private Group"): {
        "DS": "00 09",
    },
    (0x00E1, "ELSCINT1"): {
        "DS": "21 50",
    },
    (0x01E1, "ELSCINT1"): {
        "CS": "26",
    },
    (0x01F1, "ELSCINT1"): {
        "CS": "01",
        "DS": "07 26 27",
    },
    (0x0019, "GEMS_ACQU_01"): {
        "DS": "23 24 27",
        "LO": "9E",
    },
    (0x0043, "GEMS_PARM_01"): {
        "SH": "27",
        "IS": "39",
        "DS": "6F",
    },
    (0x0045, "GEMS_HELIOS_01"): {
        "SS": "01",
        "FL": "02",
    },
    (0x0903, "GEIIS PACS"): {
        "US": "10-12",
    },
    (0x2001, "Philips Imaging DD 001"): {
        "FL": "01 03 09 11 1A 1B 22 28 29 2C 2F 32 38 39 3B 3C 3E 41 47 54 7A F1 F2",
        "IS": "02 08 0A 1D 43-45 49 51 59 72 7B 81 82 86 CB",
        "CS": (
            "04 06 07 0B 0C 0E 10 12 19 1C 1E 1F 21 24 26 27 2A 2B 2E 33 34 36 37 3A 3F 40 42 "
            "46 4A-4E 53 56 57 61-63 67 71 77 8C A1 DA F3 F5"
        ),
        "SS": "05 0F 15 16 2D 35 48",
        "SL": "13 14 17 18 60",
        "DS": "23 74 75 83-85 88-8A",
        "SH": "25 64 6E 87 8B",
        "UL": "30 3D 55 58 76 7C 9B A3-A5 C0 C3 DF F4 F6",
        "US": "31 7E 7F 9F A2 D1-D9 DB-DE",
        "FD": "4F C2",
        "LO": "50 6D 80 90-94 9D C1 F7",
        "ST": "5A 5D 5E",
        "SQ": "5F 65 66 68-6B 6F 73 79 9A C5-C7 CA E9 F9 FB-FD",
        "AT": "D0",
        "OB": "7D FF",
    },
    (0x2001, "Philips Imaging DD 002"): {
        "US": "01 06 0C 0F 28-2A",
        "FD": "02 05 08-0B 0E 14-17 19-27 2C 2D 35-38",
        "CS": "03 07 0D 12 18 39 50 53 65 66 71",
        "SS": "04 10 11 13 2B 2E-34 3E-40 75",
        "SQ": "3A-3D 57 58 5F 64",
        "LO": "52 5A 5C 67 68 6B 74",
        "UL": "5D 5E",
        "ST": "63",
        "FL": "72 73",
    },
    (0x2001, "Philips Imaging DD 097"): {
        "SQ": "01 05 06 08 0A 0B 0E 12 2E 3C 3E 42 49 A9",
        "FD": "02-04 07 0D 0F 1A 1C-1F 22-27 2B 2C 37-3B 3D A2-A5 AA",
        "US": "17 18 A6",
        "LO": "19 28 2A 36 41 44 46 4C",
        "UL": "1B 21 2D 40",
        "SL": "30-32 45 4B",
        "CS": "A1",
        "IS": "A8 AB",
        "OB": "2F 47 4A",
    },
    (0x2001, "Philips Imaging DD 129"): {
        "SQ": "00-02 04",
        "UL": "03 09",
        "FD": "05 06",
        "CS": "07 08",
    },
    (0x0025, "Philips ST80i"): {
        "OW": "01",
    },
    (0x0019, "SIEMENS MR HEADER"): {
        "IS": "0C",
        "CS": "0D",
        "FD": "0E 27",
    },
    (0x0025, "GEMS_SERS_01"): {
        "SL": "07",
    },
    (0x7E01, "HOLOGIC, Inc."): {
        "LO": "01",
        "SH": "02",
        "SQ": "10 11",
        "OB": "12",
    },
    (0x0099, "NQHeader"): {
        "UI": "01 02",
        "SS": "04",
        "LT": "05",
        "FL": "10 21",
        "SH": "20",
    },
    (0x0199, "NQLeft"): {
        "FL": "01-16",
    },
    (0x0299, "NQRight"): {
        "FL": "01-16",
    },
    (0x2005, "Philips MR Imaging DD 001"): {
        "FL": "0D 0E",
    },
    (0x0119, "SIEMENS Ultrasound SC2000"): {
        "LO": "00",
        "OB": "01 04",
        "SQ": "02 03",
        "UL": "05-08",
        "SS": "09",
        "SH": "10 21",
        "UN": "11 12",
        "IS": "13",
    },
    (0x0129, "SIEMENS Ultrasound SC2000"): {
        "SQ": "00 06 09 11 20",
        "UI": "02 07 12",
        "UN": "03-05",
        "OB": "08 10 21 22 29",
        "CS": "30",
    },
    (0x0139, "SIEMENS Ultrasound SC2000"): {
        "SL": "01",
    },
    (0x0149, "SIEMENS Ultrasound SC2000"): {
        "FD": "01-03",
    },
    (0x7FD1, "SIEMENS Ultrasound SC2000"): {
        "OB": "01 10 11",
        "UI": "09",
    },
    (0x7FD1, "SIEMENS SYNGO ULTRA-SOUND TOYON DATA STREAMING"): {
        "OB": "01 10 11",
        "UI": "09",
    },
}
