"""Out by mail: plain text with an HTML form beside it, and a header to end it with one click (RFC 8058)."""

from __future__ import annotations

import re
import smtplib

from django.core.mail import EmailMultiAlternatives

from integrations.models import Notification
from integrations.notify.errors import Undeliverable

UNSUBSCRIBE = re.compile(r"https?://\S+/notifications/unsubscribe/\S+")
REFUSED_FOR_GOOD = range(500, 600)


def send(notification: Notification) -> None:
    """Raises `Undeliverable`."""
    mail = EmailMultiAlternatives(
        notification.subject, notification.text, to=[notification.recipient], headers=_headers(notification)
    )
    if notification.html:
        mail.attach_alternative(notification.html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, words = error.recipients.get(notification.recipient, (0, b""))
        final = code in REFUSED_FOR_GOOD
        raise Undeliverable(
            f"The mail server refused {notification.recipient}: {_words(words)}. Check the address of that user.",
            final=final,
        ) from error
    except smtplib.SMTPAuthenticationError as error:
        raise Undeliverable("The mail server refused our log-in. Check EMAIL_URL.") from error
    except smtplib.SMTPResponseException as error:
        raise Undeliverable(f"The mail server answered {error.smtp_code}: {_words(error.smtp_error)}.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Undeliverable(f"The mail server cannot be reached ({error}). Check EMAIL_URL.") from error


def _headers(notification: Notification) -> dict[str, str]:
    found = UNSUBSCRIBE.search(notification.text)
    headers = {"Auto-Submitted": "auto-generated"}
    if found:
        headers |= {"List-Unsubscribe": f"<{found[0]}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers


def _words(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)
