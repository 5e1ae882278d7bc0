"""What the log of a delivery says, in English and Swedish. Errors and warnings are reasons and have theirs.

A part in brackets is said only when all of its figures are known.
"""

from collections.abc import Mapping
from enum import StrEnum


class Note(StrEnum):
    EDITED = "edited"
    ANALYSIS_ASKED = "analysis_asked"
    ANALYSIS_STOPPED = "analysis_stopped"
    ANALYSIS_BROKE_OFF = "analysis_broke_off"
    RECYCLED = "recycled"
    TARGETED = "targeted"
    NO_ADDRESS = "no_address"
    OPTED_OUT = "opted_out"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"
    LIMITED = "limited"
    ENOUGH_CODES = "enough_codes"
    SHARED_CODE = "shared_code"
    ANALYSED = "analysed"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    SENDING = "sending"
    SERVER_AWAY = "server_away"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOP_ASKED = "stop_asked"
    STOPPED = "stopped"
    FINISHED = "finished"


TEXTS: Mapping[str, Mapping[str, str]] = {
    Note.EDITED: {
        "en": "Changed: it has to be analysed before it can be sent.",
        "sv": "Ändrat: måste analyseras innan det kan skickas.",
    },
    Note.ANALYSIS_ASKED: {"en": "Analysis started.", "sv": "Analysen har startat."},
    Note.ANALYSIS_STOPPED: {
        "en": "Analysis stopped: nothing is reserved.",
        "sv": "Analysen stoppades: inget är reserverat.",
    },
    Note.ANALYSIS_BROKE_OFF: {
        "en": "The analysis broke off: nothing is reserved.",
        "sv": "Analysen avbröts: inget är reserverat.",
    },
    Note.RECYCLED: {
        "en": "[{count} recycled: codes of the previous analysis].",
        "sv": "[{count} återvunna: koder från föregående analys].",
    },
    Note.TARGETED: {
        "en": "[{count} recipients in the target].",
        "sv": "[{count} mottagare i målet].",
    },
    Note.NO_ADDRESS: {
        "en": "[{count} excluded: no address].",
        "sv": "[{count} utelämnade: adress saknas].",
    },
    Note.OPTED_OUT: {
        "en": "[{count} excluded: opted out].",
        "sv": "[{count} utelämnade: har avböjt utskick].",
    },
    Note.QUARANTINED: {
        "en": "[{count} excluded: address in quarantine].",
        "sv": "[{count} utelämnade: adressen är i karantän].",
    },
    Note.DUPLICATE: {
        "en": "[{count} excluded: the address is used by another recipient].",
        "sv": "[{count} utelämnade: adressen används av en annan mottagare].",
    },
    Note.LIMITED: {
        "en": "[{count} excluded by lot: target limited in size].",
        "sv": "[{count} utelämnade genom lottning: målet är begränsat].",
    },
    Note.ENOUGH_CODES: {
        "en": "[Codes: need {need}, have {have}].",
        "sv": "[Koder: behöver {need}, har {have}].",
    },
    Note.SHARED_CODE: {
        "en": "All messages carry the code that the coupon shares.",
        "sv": "Alla meddelanden bär kupongens gemensamma kod.",
    },
    Note.ANALYSED: {
        "en": "[Analysis completed: {count} messages waiting].",
        "sv": "[Analysen är klar: {count} meddelanden väntar].",
    },
    Note.CONFIRMED: {"en": "Confirmed.", "sv": "Bekräftat."},
    Note.WAITING: {
        "en": "Waits for the contact date[: {until}].",
        "sv": "Väntar på kontaktdatum[: {until}].",
    },
    Note.SENDING: {"en": "Sending started.", "sv": "Utskicket har startat."},
    Note.SERVER_AWAY: {
        "en": "The mail server cannot be reached; it will be tried again[: {answer}].",
        "sv": "E-postservern går inte att nå; nytt försök görs[: {answer}].",
    },
    Note.PAUSED: {"en": "Paused.", "sv": "Pausat."},
    Note.RESUMED: {"en": "Resumed.", "sv": "Återupptaget."},
    Note.STOP_ASKED: {"en": "Stop requested.", "sv": "Stopp begärt."},
    Note.STOPPED: {
        "en": "[Stopped: {cancelled} messages cancelled, {released} codes released, {gone} already gone].",
        "sv": "[Stoppat: {cancelled} meddelanden avbrutna, {released} koder frigjorda, {gone} redan skickade].",
    },
    Note.FINISHED: {
        "en": "[Finished: {sent} sent, {failed} failed].",
        "sv": "[Klart: {sent} skickade, {failed} misslyckade].",
    },
}
