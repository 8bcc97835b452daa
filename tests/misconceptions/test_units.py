import pytest

from tutorkit.misconceptions import malrule, malrules, parts_of, skills_of, solve


def unit(value, given, into):
    return {"domain": "unit", "value": value, "unit": given, "into": into}


def time(start, end):
    return {"domain": "time", "start": start, "end": end}


def worked(work):
    return [(step.text, step.ok) for step in work.steps]


def answers(item):
    return {rule.id.removeprefix("unit."): rule.run(item).answer for rule in malrules("unit") if rule.applies(item)}


@pytest.mark.parametrize(
    ("item", "right", "wrong"),
    [
        (unit("250", "cm", "m"), "2.5", {"wrong_direction": "25000"}),
        (unit("2.50", "m", "cm"), "250", {"wrong_direction": "0.025"}),
        (unit(".5", "km", "m"), "500", {"wrong_direction": "0.0005", "always_factor_100": "50"}),
        (unit("7", "mm", "cm"), "0.7", {"wrong_direction": "70", "always_factor_100": "0.07"}),
        (unit("250", "g", "kg"), "0.25", {"wrong_direction": "250000", "always_factor_100": "2.5"}),
        (unit("1.5", "l", "ml"), "1500", {"wrong_direction": "0.0015", "always_factor_100": "150"}),
        (
            unit("3", "m2", "cm2"),
            "30000",
            {"wrong_direction": "0.0003", "area_uses_linear_factor": "300", "always_factor_100": "300"},
        ),
        (
            unit("3", "cm2", "m2"),
            "0.0003",
            {"wrong_direction": "30000", "area_uses_linear_factor": "0.03", "always_factor_100": "0.03"},
        ),
        (unit("3", "cm2", "mm2"), "300", {"wrong_direction": "0.03", "area_uses_linear_factor": "30"}),
        (
            unit("2.25", "h", "min"),
            "135",
            {"wrong_direction": "0.0375", "always_factor_100": "225", "decimal_hours_as_minutes": "145"},
        ),
        (
            unit("1.5", "h", "min"),
            "90",
            {"wrong_direction": "0.025", "always_factor_100": "150", "decimal_hours_as_minutes": "110"},
        ),
        (
            unit("0.75", "h", "min"),
            "45",
            {"wrong_direction": "0.0125", "always_factor_100": "75", "decimal_hours_as_minutes": "75"},
        ),
        (unit("2.0", "h", "min"), "120", {"wrong_direction": "1/30", "always_factor_100": "200"}),
        (unit("2.125", "h", "min"), "127.5", {"wrong_direction": "17/480", "always_factor_100": "212.5"}),
        (unit("20", "min", "h"), "1/3", {"wrong_direction": "1200", "always_factor_100": "0.2"}),
        (unit("0", "km", "m"), "0", {}),
    ],
)
def test_conversions_right_and_wrong(item, right, wrong):
    assert solve(item).answer == right
    assert answers(item) == wrong


def test_the_work_on_a_conversion():
    area = unit("3", "m2", "cm2")
    assert parts_of(area)[0].text == "3 m² in cm²"
    assert worked(solve(area)) == [
        ("1 m = 100 cm.", True),
        ("So 1 m² = 100 × 100 cm² = 10000 cm².", True),
        ("From m² to cm² I multiply, since 1 cm² is smaller.", True),
        ("3 × 10000 = 30000.", True),
        ("So 3 m² = 30000 cm².", True),
    ]
    assert worked(malrule("unit.area_uses_linear_factor").run(area))[:2] == [
        ("1 m = 100 cm.", True),
        ("So 1 m² = 100 cm².", False),
    ]
    assert worked(malrule("unit.always_factor_100").run(area))[0] == ("1 m² = 100 cm².", False)
    assert worked(malrule("unit.wrong_direction").run(unit("250", "cm", "m"))) == [
        ("1 m = 100 cm.", True),
        ("From cm to m I multiply.", False),
        ("250 × 100 = 25000.", True),
        ("So 250 cm = 25000 m.", True),
    ]
    assert worked(malrule("unit.decimal_hours_as_minutes").run(unit("2.5", "h", "min"))) == [
        ("2.5 h is 2 h and 50 min.", False),
        ("2 × 60 = 120.", True),
        ("120 + 50 = 170.", True),
        ("So 2.5 h = 170 min.", True),
    ]


def test_the_skills_that_a_conversion_takes():
    assert skills_of(unit("3", "kg", "g")) == ("unit_factor", "unit_direction")
    assert skills_of(unit("3", "m2", "cm2")) == ("unit_factor", "area_units", "unit_direction")
    assert skills_of(unit("2.25", "h", "min")) == ("unit_factor", "unit_direction", "decimal_hours")
    assert skills_of(unit("2", "h", "min")) == ("unit_factor", "unit_direction")


@pytest.mark.parametrize(
    ("item", "right", "wrong"),
    [
        (time("3:45", "5:10"), "1:25", "1:65"),
        (time("3:45", "4:10"), "0:25", "0:65"),
        (time("9:59", "10:00"), "0:01", "0:41"),
        (time("3:10", "5:45"), "2:35", "2:35"),
        (time("3:45", "5:45"), "2:00", "2:00"),
        (time("0:00", "23:59"), "23:59", "23:59"),
        (time("7:30", "7:30"), "0:00", "0:00"),
    ],
)
def test_times_of_day(item, right, wrong):
    assert (solve(item).answer, malrule("time.base_100").run(item).answer) == (right, wrong)


def test_the_borrowed_hour_is_where_time_goes_wrong():
    item = time("3:45", "5:10")
    assert parts_of(item)[0].text == "the time from 3:45 to 5:10"
    assert worked(malrule("time.base_100").run(item)) == [
        ("10 minutes are fewer than 45, so I borrow one hour, that is 100 minutes.", False),
        ("Minutes: 110 − 45 = 65.", True),
        ("Hours: 4 − 3 = 1.", True),
        ("So the time from 3:45 to 5:10 is 1:65.", True),
    ]
    assert skills_of(item) == ("minutes_of_an_hour",)
    assert skills_of(time("3:10", "5:45")) == ()
