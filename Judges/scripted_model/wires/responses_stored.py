"""Responses that are kept: what `previous_response_id` goes on from, and the routes that show and delete them."""

import threading
from urllib.parse import parse_qs

from scripted_model.conversation import Refused, need

PATH = "/v1/responses/"


class Stored:
    def __init__(self):
        self.kept, self.lock = {}, threading.Lock()  # id: (response, its own input, everything up to its output)

    def keep(self, conversation, response):
        with self.lock:
            everything = conversation.items + response["output"]
            self.kept[response["id"]] = (response, conversation.own_items, everything)

    def items(self, ident):
        """The whole conversation up to a response and its output, or None."""
        with self.lock:
            return self.kept[ident][2] if ident in self.kept else None

    def get(self, path, query):
        """`GET /v1/responses/ID` and `/input_items`."""
        ident, _, below = path.removeprefix(PATH).partition("/")
        response, own, _ = self._found(ident)
        if below == "input_items":
            return self._page(ident, own, parse_qs(query))
        need(not below, f"no such path: {path}")
        return response

    def delete(self, path):
        ident = path.removeprefix(PATH)
        self._found(ident)
        with self.lock:
            del self.kept[ident]
        return {"id": ident, "object": "response", "deleted": True}

    def cancel(self, path):
        self._found(path.removeprefix(PATH).removesuffix("/cancel"))
        raise Refused("Cannot cancel a synchronous response.", 400)

    def _found(self, ident):
        with self.lock:
            if ident not in self.kept:
                raise Refused(f"Response with id '{ident}' not found.", 404)
            return self.kept[ident]

    def _page(self, ident, own, query):
        """A page of input items; the newest first unless asked otherwise."""
        listed = [self._item(ident, number, item) for number, item in enumerate(own)]
        if query.get("order", ["desc"])[0] == "desc":
            listed.reverse()
        after, limit = query.get("after", [None])[0], int(query.get("limit", ["20"])[0])
        if after:
            known = [item["id"] for item in listed]
            need(after in known, f"after: no item {after}")
            listed = listed[known.index(after) + 1 :]
        page = listed[:limit]
        ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": None, "last_id": None}
        return {"object": "list", "data": page, "has_more": len(listed) > limit, **ends}

    def _item(self, ident, number, item):
        item = {"type": "message", **item} if "role" in item else item
        if isinstance(item.get("content"), str):
            item = {**item, "content": [{"type": "input_text", "text": item["content"]}]}
        return {"id": f"item_{ident}_{number}", "status": "completed", **item}
