import asyncio

import attrs

from alipay_mini_audit.verdicts.agenda import Agenda


@attrs.define(eq=False)
class Item:
    name: str
    due: float


async def test_items_come_by_the_moment_that_they_are_due() -> None:
    agenda: Agenda[Item] = Agenda()
    now = asyncio.get_running_loop().time()
    for name, seconds in (("c", 0.03), ("a", -5.0), ("d", 0.05), ("b", -5.0)):
        agenda.add(Item(name, now + seconds))
    found = []
    while (item := await agenda.take()) is not None:
        assert asyncio.get_running_loop().time() >= item.due
        found.append(item.name)
        agenda.done()
    assert found == ["a", "b", "c", "d"]


async def test_an_item_that_is_moved_comes_at_once_and_only_once() -> None:
    agenda: Agenda[Item] = Agenda()
    item = Item("a", asyncio.get_running_loop().time() + 3600)
    agenda.add(item)
    taking = asyncio.create_task(agenda.take())
    await asyncio.sleep(0)
    item.due = 0.0
    agenda.moved(item)
    assert await taking is item
    agenda.moved(item)  # it is taken: nothing to move
    again = asyncio.create_task(agenda.take())
    await asyncio.sleep(0)
    assert not again.done()
    agenda.put(item)
    assert await again is item
    agenda.done()
    assert await agenda.take() is None


async def test_the_end_wakes_all_who_wait() -> None:
    agenda: Agenda[Item] = Agenda()
    agenda.add(Item("a", float("inf")))
    waiting = [asyncio.create_task(agenda.take()) for _ in range(3)]
    await asyncio.sleep(0)
    agenda.stop()
    assert await asyncio.gather(*waiting) == [None, None, None]
