"""Problems of rows of the records around donors: code → (sentence, hint or None)."""

PROBLEMS: dict[str, tuple[str, str | None]] = {
    "contact_kind_missing": ("The kind of contact is missing.", None),
    "task_title_missing": ("The row does not say what to do.", None),
    "not_a_time": ("“{text}” is not a time of day.", "Write the time as 14:30."),
    "time_without_day": ("The time {text} has no day.", "Fill in the day, or empty the time."),
    "repeats_without_day": (
        "A task that repeats needs a day.",
        "Fill in the day on which it is due, or empty the cell.",
    ),
    "consent_missing": ("The row does not say whether the donor agreed.", "Write yes or no."),
    "channel_missing": ("The channel is missing.", None),
    "request_missing": ("The row does not say what is asked.", None),
    "answered_too_early": (
        "The request was answered before it was asked.",
        "Correct one of the two days.",
    ),
    "answer_without_day": (
        "The request has an answer but no day of the answer.",
        "Fill in the day on which it was answered.",
    ),
    "requests_switched_off": (
        "The module “Requests” is switched off.",
        "An administrator switches it on on the page Organisation.",
    ),
    "record_of_other_donor": ("This is kept for another donor here.", None),
    "consent_unlike_stored": (
        "This consent is kept with other values here, and a file does not change a consent.",
        "Record a new consent on the donor's page.",
    ),
    "assignee_unknown": (
        "No active account has the e-mail {email}.",
        "Invite the person first, or leave the cell empty: the task is then yours.",
    ),
    "assignee_is_other": (
        "Only an administrator gives tasks to somebody else.",
        "Leave the cell empty: the task is then yours.",
    ),
    # tags, contact details, households, relations
    "record_repeated": ("Row {row} is about the same.", "Delete one of the two rows."),
    "only_administrators": ("Only an administrator adds or changes this.", None),
    "tag_missing": ("The tag is missing.", None),
    "email_missing": ("The e-mail is missing.", None),
    "phone_missing": ("The phone is missing.", None),
    "address_missing": ("The address is empty.", None),
    "primary_twice": (
        "Row {row} is the primary one of this donor already.",
        "Write yes in one of the two rows.",
    ),
    "primary_kept": (
        "The donor has another primary one here, which stays the primary one.",
        "Choose to replace the current values if this one is.",
    ),
    "country_unknown": (
        "“{text}” is not a country we know. It is stored as it is.",
        "Write the country in English, or its code: DE.",
    ),
    "season_unreadable": (
        "“{text}” is not a day of the year.",
        "Write month and day as 11-01: 1 November.",
    ),
    "season_incomplete": (
        "A seasonal address needs the first and the last day of its season.",
        None,
    ),
    "season_unwanted": (
        "Only a seasonal address has a season.",
        "Write seasonal as the type, or empty the season.",
    ),
    "ends_before_start": ("The last day lies before the first.", "Correct one of the two days."),
    "relation_missing": ("The relation is missing.", None),
    "relation_to_self": (
        "A donor cannot be related to itself.",
        "Name the other donor.",
    ),
    "household_missing": ("The row does not say which household.", None),
    "household_name_missing": (
        "The household is new here and has no name.",
        "Write its name in one of its rows.",
    ),
    "household_ambiguous": (
        "Several households have the name {name}.",
        "Add the id of the household.",
    ),
    "household_unknown": ("{name} is no household of yours.", None),
    "household_of_one": (
        "A household has two members at least.",
        "Add the row of another member.",
    ),
    "household_too_large": ("A household has {most} members at most.", None),
    "household_two_heads": (
        "Row {row} names another head of this household.",
        "Write yes in one of the two rows.",
    ),
    "household_head_assumed": (
        "No row names the head of this household: it is the donor of this row.",
        "Write yes in the row of the head.",
    ),
    "member_of_other_household": (
        "This donor is in another household here.",
        "Take the donor out of it first.",
    ),
    "member_is_no_person": ("Only persons are members of a household.", None),
    "member_of_other_owner": (
        "The members of a household have the same fundraiser.",
        "Hand the donor over first.",
    ),
    # soft credits, campaigns, pauses
    "credit_type_missing": ("The kind of soft credit is missing.", None),
    "gift_missing": ("The gift is missing.", None),
    "gift_unknown": (
        "No gift of your donors is known as {gift}. Import the gifts first.",
        "Import the gift first, then this row.",
    ),
    "credit_of_reversal": (
        "A reversal cannot be credited.",
        "Name the gift itself.",
    ),
    "credit_of_giver": (
        "The giver has the gift already.",
        "Name another donor.",
    ),
    "credit_too_large": (
        "A soft credit is more than zero and at most the gift's amount.",
        "Correct the amount, or leave the cell empty for the whole gift.",
    ),
    "credit_in_other_currency": (
        "The gift is in {currency}.",
        "Write the amount in the currency of the gift.",
    ),
    "credited_already": (
        "This donor has a soft credit for this gift already.",
        "Remove it first.",
    ),
    "campaign_name_missing": ("The campaign has no name.", None),
    "campaign_name_taken": ("Another campaign has this name.", None),
    "goal_in_other_currency": (
        "A goal is in the currency of the organisation, {currency}.",
        "Convert the goal.",
    ),
    "pledge_missing": ("The pledge is missing.", None),
    "pledge_not_found": (
        "No pledge of your donors is known as {pledge}. Import the pledges first.",
        "Import the pledge first, then this row.",
    ),
    "version_before_start": (
        "The version starts before the pledge, which starts on {day}.",
        "Correct the day, or the start of the pledge.",
    ),
    "versions_incomplete": (
        "The versions of a pledge begin with its start on {day}, and all of them are needed.",
        "Add the missing rows of the pledge.",
    ),
    "versions_differ": ("The pledge has other versions here, which stay.", None),
    "version_not_current": (
        "The last version is not how the pledge stands here.",
        "Correct the row, or change the pledge first.",
    ),
    "pause_missing": ("The first day of the pause is missing.", None),
    "pause_overlaps": (
        "The pledge is paused already in a part of this time.",
        "Correct the days, or delete the row.",
    ),
}
