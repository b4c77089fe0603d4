"""Which of a project's items fit what is asked for: in plain SQL, and as the person who asks may find them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection

from annotator import proposals
from annotator.models import FINISHED, Status
from projects.models import Project, Role, User

LONGEST = 200  # characters of what is searched for
STATUSES = (*Status.values, "finished")
MARKS_OF_ITEMS = ("suggestions", "unsure", "comments", "unread")
MADE: dict[str, list[str]] = {"any": [], "people": ["NOT a.imported"], "imported": ["a.imported"]}
# Chinese and Japanese: the column `words` has each of their characters as a word.
ALONE = r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
WHAT_IT_SAYS = "(i.name || ' ' || coalesce(left(i.text, 100000), ''))"
# Of signs there is no index: they are looked for in texts that have no more bytes in all, else in names alone.
LOOKED_THROUGH = 10_000_000
FEW_TEXTS = """(SELECT coalesce(sum(pg_column_size(t.text)), 0) < %(looked_through)s FROM projects_item t
    WHERE t.project_id = %(project)s AND t.trashed_at IS NULL)"""
BY_SOMEBODY = f"v.finished_by_id IS NOT NULL AND v.status IN {tuple(status.value for status in FINISHED)}"
HAS_STATUS = "s.status = ANY(%(statuses)s)"  # not coalesce: of that PostgreSQL knows not how many there are
MAY_BE_UNOPENED = f"({HAS_STATUS} OR s.id IS NULL)"
IN_PROJECT = "i.project_id = %(project)s AND i.trashed_at IS NULL"


@dataclass(frozen=True)
class Filters:
    """What is asked for. Label, author and `worked`, between which moments it was made, are those of one annotation;
    `since` and `until` are of when an item was added; `finisher` and `finished` of who finished it between which
    moments; `took` is for how many seconds at least people were at it."""

    status: str = ""
    label: int | None = None
    author: int | None = None
    tag: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    worked: tuple[datetime, datetime] | None = None
    made: str = ""
    finisher: int | None = None
    finished: tuple[datetime, datetime] | None = None
    took: int | None = None
    words: str = ""
    mark: str = ""
    assignee: int | None = None  # nobody has the id 0
    sort: str = "oldest"

    @property
    def narrow(self) -> bool:
        """Whether they may leave some items out."""
        return replace(self, sort="") != Filters(sort="")

    @property
    def statuses(self) -> tuple[str, ...]:
        """Those that fit; all where none are said."""
        if self.status == "finished":
            return FINISHED
        return (self.status,) if self.status else ()


@dataclass(frozen=True)
class Search:
    """A project's items as the person who asks may find them. In its SQL `i` is an item and `s` the sheet that the
    person works on."""

    user: User
    project: Project
    filters: Filters = field(default_factory=Filters)

    def ask(self, sql: str, **values: object) -> list[Any]:
        names = ("label", "author", "tag", "since", "until", "assignee", "finisher", "took")
        asked = {name: getattr(self.filters, name) for name in names}
        asked["statuses"] = [str(status) for status in self.filters.statuses]
        asked["worked_from"], asked["worked_until"] = self.filters.worked or (None, None)
        asked["finished_from"], asked["finished_until"] = self.filters.finished or (None, None)
        asked |= {"user": self.user.pk, "project": self.project.pk, "words": prefixes(self.filters.words)}
        asked["literally"] = literally(self.filters.words)
        asked["looked_through"] = LOOKED_THROUGH
        asked["decomposed"] = [unicodedata.normalize("NFD", one) for one in literally(self.filters.words)]
        with connection.cursor() as cursor:
            cursor.execute(sql, asked | values)
            return cursor.fetchall()

    @property
    def own(self) -> str:
        return "= %(user)s" if self.project.blind else "IS NULL"

    @property
    def reviews(self) -> bool:
        """Whether the person may see everyone's sheets of a blind project."""
        return self.project.blind and self.project.held >= Role.REVIEWER

    @property
    def seen(self) -> str:
        """Which sheets `v` are drawn."""
        return "IS NOT NULL" if self.reviews else self.own

    @property
    def joined(self) -> str:
        return f"projects_item i LEFT JOIN annotator_sheet s ON s.item_id = i.id AND s.person_id {self.own}"

    def found(self, *further: str, using: str = "") -> str:
        """All that fit, whatever their status. Where nothing asks for the sheets, also not what is `using` it, they are
        not joined: that takes longer than a page of items. Nor is what is kept of suggestions."""
        conditions = " AND ".join([IN_PROJECT, *self.conditions(), *further])
        asked = f"{conditions} {using}"
        tables = self.joined if re.search(r"\bs\.", asked) else "projects_item i"
        if re.search(r"\bkept\.", asked):
            tables += " " + proposals.undecided.JOINED.format(own=self.own)
        return f"{tables} WHERE {conditions}"

    def with_status(self) -> list[str]:
        """That they have the status that is asked for."""
        if not self.filters.statuses:
            return []
        return [HAS_STATUS if Status.TODO not in self.filters.statuses else MAY_BE_UNOPENED]

    def ids(self, among: Sequence[int] | None = None) -> list[int]:
        """Of all that fit, or of those among these."""
        here = [] if among is None else ["i.id = ANY(%(among)s)"]
        rows = self.ask(f"SELECT i.id FROM {self.found(*self.with_status(), *here)}", among=list(among or ()))
        return [pk for (pk,) in rows]

    def conditions(self) -> list[str]:
        asked, conditions = self.filters, [*self.said()]
        if asked.since:
            conditions.append("i.created_at >= %(since)s")
        if asked.until:
            conditions.append("i.created_at < %(until)s")
        made = ["a.label_id = %(label)s"] * (asked.label is not None)
        if asked.author is not None:
            made += ["a.created_by_id = %(author)s", "NOT a.imported"]
        if asked.worked:
            made += ["NOT a.imported"]
            made += ["a.created_at >= %(worked_from)s", "a.created_at < %(worked_until)s"]
        if asked.made:
            conditions.append(self.has(*MADE[asked.made]))
        if made:
            conditions.append(self.has(*made))
        conditions += self.work()
        if asked.assignee is not None:
            conditions.append("i.assignee_id = %(assignee)s" if asked.assignee else "i.assignee_id IS NULL")
        if asked.mark == "suggestions":
            conditions.append(proposals.undecided.OPEN)
        elif asked.mark == "unsure":
            conditions.append(self.on_a_sheet("v.unsure"))
        elif asked.mark:
            conditions.append(self.on_a_sheet(f"EXISTS (SELECT {COMMENTS} AND c.sheet_id = v.id{UNREAD[asked.mark]})"))
        if asked.tag is not None:
            conditions.append(self.has("a.label_id = %(tag)s", "a.shape->>'type' = 'tag'"))
        return conditions

    def said(self) -> Iterator[str]:
        words = self.filters.words
        if not signs_alone(words):
            yield "i.words @@ to_tsquery('simple', %(words)s)"
        if literally(words):
            yield self.signs() if signs_alone(words) else f"normalize({WHAT_IT_SAYS}) LIKE ALL(%(literally)s)"

    def signs(self) -> str:
        """As one character, or decomposed: to normalize a text takes ten times as long as to look through it twice."""

        def stand_in(what: str) -> str:
            return f"({what} LIKE ALL(%(literally)s) OR {what} LIKE ALL(%(decomposed)s))"

        return f"({stand_in('i.name')} OR {FEW_TEXTS} AND {stand_in(WHAT_IT_SAYS)})"

    def work(self) -> Iterator[str]:
        """What people must have done on one of the sheets that the person may see."""
        asked, finished = self.filters, []
        if asked.finisher is not None:
            finished.append("v.finished_by_id = %(finisher)s")
        if asked.finished:
            finished.append("v.finished_at >= %(finished_from)s AND v.finished_at < %(finished_until)s")
        if finished:
            yield self.on_a_sheet(" AND ".join([BY_SOMEBODY, *finished]))
        if asked.took is not None:
            yield self.on_a_sheet("v.worked >= %(took)s * interval '1 second'")

    def on_a_sheet(self, condition: str) -> str:
        """That such a sheet `v` is among those which the person may see."""
        return f"i.id IN (SELECT v.item_id FROM annotator_sheet v WHERE v.person_id {self.seen} AND {condition})"

    def has(self, *conditions: str) -> str:
        """That an annotation which the person may see is such a one."""
        such = " AND ".join(["NOT a.deleted", *conditions])
        if self.reviews:
            sheets = f"annotator_annotation a JOIN annotator_sheet v ON v.id = a.sheet_id AND v.person_id {self.seen}"
            return f"i.id IN (SELECT v.item_id FROM {sheets} WHERE {such})"
        return f"s.id IN (SELECT a.sheet_id FROM annotator_annotation a WHERE {such})"


# What is said on sheets; `r` tells up to where the person has read it.
COMMENTS = """FROM annotator_comment c LEFT JOIN annotator_commentread r
    ON r.sheet_id = c.sheet_id AND r.user_id = %(user)s WHERE c.deleted_at IS NULL"""
IS_UNREAD = "c.author_id <> %(user)s AND c.id > coalesce(r.comment, 0)"
UNREAD = {"comments": "", "unread": f" AND {IS_UNREAD}"}


def prefixes(words: str) -> str:
    """For items that have all the words, or words that begin so. As for the column `words`, `./_-\\@:` part words."""
    parted = re.sub(r"[./_\\@:\-\0]", " ", unicodedata.normalize("NFC", words))
    parts = re.sub(f"[{ALONE}]", r" \g<0> ", parted).replace("'", "''").split()
    return " & ".join(f"'{part}':*" for part in parts)


def signs_alone(words: str) -> bool:
    return not any(sign.isalpha() or sign.isdecimal() for sign in words)


def literally(words: str) -> list[str]:
    """What the words of an item cannot tell, as patterns: which characters stand side by side where spaces part no
    words, and signs where nothing else is asked for."""
    words = unicodedata.normalize("NFC", words).replace("\0", " ")
    parts = words.split() if signs_alone(words) else re.findall(f"[{ALONE}]+", words)
    return ["%" + re.sub(r"[\\%_]", r"\\\g<0>", part) + "%" for part in parts]
