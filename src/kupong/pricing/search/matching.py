"""Pairs: the matching of greatest weight in any graph, by Edmonds' method of dual prices and blossoms.

Every vertex has a price, and the prices of the two ends of an edge always cover twice its weight. Trees of
tight edges grow from the vertices that are still alone; an odd cycle that turns up is shrunk to a blossom,
which is treated as one vertex and has a price of its own. When the free vertices' prices reach zero, prices
and matching prove each other best. All numbers are integers.
"""

from collections.abc import Iterator, Sequence

EVEN, ODD = 0, 1
Edge = tuple[int, int]


def heaviest_pairs(weights: Sequence[Sequence[int]]) -> list[int | None]:
    """Per vertex its partner, or None: the pairs of the greatest total weight.

    `weights` is symmetric; an edge whose weight is not above zero is never used.
    """
    forest = _Forest(weights)
    while forest.grow():
        pass
    return [forest.mate[vertex] for vertex in range(len(weights))]


class _Forest:
    """Nodes are vertices, from 0, and blossoms, from n. `top` is the outermost blossom that a node lies in."""

    def __init__(self, weights: Sequence[Sequence[int]]) -> None:
        self.n = n = len(weights)
        self.weights = weights
        self.price = [max((max(row, default=0) for row in weights), default=0)] * n + [0] * n
        self.top: list[int | None] = [*range(n), *([None] * n)]
        self.cycle: list[list[int]] = [[] for _ in range(2 * n)]
        self.holder: list[list[int | None]] = [[None] * n for _ in range(2 * n)]
        self.mate: list[int | None] = [None] * (2 * n)
        self.edges: list[list[Edge | None]] = [[None] * (2 * n) for _ in range(2 * n)]
        for one in range(n):
            self.holder[one][one] = one
            for other in range(n):
                if one != other and weights[one][other] > 0:
                    self.edges[one][other] = (one, other)
        self.near = [[v for v in range(n) if self.edges[u][v] is not None] for u in range(n)]

    def grow(self) -> bool:
        """Grow trees until one more pair is made; False when the matching is the heaviest."""
        self.label: list[int | None] = [None] * (2 * self.n)
        self.parent: list[int | None] = [None] * (2 * self.n)
        self.nearest: list[int | None] = [None] * (2 * self.n)
        self.queue: list[int] = []
        for node in self._tops():
            if self.mate[node] is None:
                self.label[node] = EVEN
                self._enqueue(node)
        if not self.queue:
            return False
        while True:
            if self._scan():
                return True
            if not self._reprice():
                return False
            if self._follow_tight():
                return True
            for node in list(self._tops(blossoms=True)):
                if self.label[node] == ODD and self.price[node] == 0:
                    self._expand(node)

    def _tops(self, *, blossoms: bool = False) -> Iterator[int]:
        for node in range(self.n if blossoms else 0, 2 * self.n):
            if self.top[node] == node:
                yield node

    def _slack(self, edge: Edge) -> int:
        one, other = edge
        return self.price[one] + self.price[other] - 2 * self.weights[one][other]

    # Growing.

    def _scan(self) -> bool:
        """Follow the tight edges of the even vertices in the queue; note the nearest of the others."""
        price, top, weights = self.price, self.top, self.weights
        while self.queue:
            one = self.queue.pop()
            home = top[one]
            assert home is not None
            if self.label[home] == ODD:
                continue
            row, own = weights[one], price[one]
            for other in self.near[one]:
                there = top[other]
                assert there is not None
                if there == home:
                    continue
                if own + price[other] == 2 * row[other]:
                    if self._found((one, other)):
                        return True
                    home = top[one]
                    assert home is not None
                else:
                    self._note(one, there)
        return False

    def _note(self, one: int, node: int) -> None:
        """Remember the even vertex whose edge to the node is nearest to tight."""
        edge = self.edges[one][node]
        assert edge is not None
        known = self.nearest[node]
        if known is None or self._slack(edge) < self._slack(self._edge(known, node)):
            self.nearest[node] = one

    def _edge(self, one: int, node: int) -> Edge:
        edge = self.edges[one][node]
        assert edge is not None
        return edge

    def _found(self, edge: Edge) -> bool:
        """A tight edge out of an even vertex: take its other end into the tree, or close a way or a cycle."""
        here, there = self.top[edge[0]], self.top[edge[1]]
        assert here is not None
        assert there is not None
        if self.label[there] is None:
            partner = self.mate[there]
            assert partner is not None
            beyond = self.top[partner]
            assert beyond is not None
            self.parent[there] = edge[0]
            self.label[there], self.label[beyond] = ODD, EVEN
            self.nearest[there] = self.nearest[beyond] = None
            self._enqueue(beyond)
        elif self.label[there] == EVEN:
            meeting = self._meeting(here, there)
            if meeting is None:
                self._augment(here, there)
                self._augment(there, here)
                return True
            self._shrink(here, meeting, there)
        return False

    def _meeting(self, one: int, other: int) -> int | None:
        """Where the ways to the roots meet; None when they end in different roots."""
        seen: set[int] = set()
        walkers: list[int | None] = [one, other]
        while any(node is not None for node in walkers):
            node = walkers[0]
            if node is not None:
                if node in seen:
                    return node
                seen.add(node)
                walkers[0] = self._grandparent(node)
            walkers.reverse()
        return None

    def _grandparent(self, node: int) -> int | None:
        partner = self.mate[node]
        if partner is None:
            return None
        above = self.top[partner]
        assert above is not None
        up = self.parent[above]
        assert up is not None
        return self.top[up]

    def _enqueue(self, node: int) -> None:
        self.queue += self._vertices(node)

    def _vertices(self, node: int) -> list[int]:
        if node < self.n:
            return [node]
        return [vertex for inner in self.cycle[node] for vertex in self._vertices(inner)]

    # Prices.

    def _reprice(self) -> bool:
        """Shift prices until an edge becomes tight or a blossom free; False when a free vertex costs nothing."""
        steps = [
            self.price[node] // 2 for node in self._tops(blossoms=True) if self.label[node] == ODD
        ]
        for node in self._tops():
            near = self.nearest[node]
            if near is not None and self.label[node] != ODD:
                slack = self._slack(self._edge(near, node))
                steps.append(slack if self.label[node] is None else slack // 2)
        least = min(self.price[v] for v in range(self.n) if self._label_of(v) == EVEN)
        step = min(steps, default=least)
        if least <= step:
            return False
        for vertex in range(self.n):
            label = self._label_of(vertex)
            self.price[vertex] += 0 if label is None else -step if label == EVEN else step
        for node in self._tops(blossoms=True):
            label = self.label[node]
            self.price[node] += 0 if label is None else 2 * step if label == EVEN else -2 * step
        return True

    def _label_of(self, vertex: int) -> int | None:
        node = self.top[vertex]
        assert node is not None
        return self.label[node]

    def _follow_tight(self) -> bool:
        self.queue = []
        for node in list(self._tops()):
            near = self.nearest[node]
            if near is None or self.top[node] != node or self.top[near] == node:
                continue
            edge = self._edge(near, node)
            if self._slack(edge) == 0 and self._found(edge):
                return True
        return False

    # Pairing along a way.

    def _augment(self, node: int, toward: int) -> None:
        """Pair along the way from the node to its root; the node's new partner lies in `toward`."""
        while True:
            partner = self.mate[node]
            after = None if partner is None else self.top[partner]
            self._pair(node, toward)
            if after is None:
                return
            up = self.parent[after]
            assert up is not None
            above = self.top[up]
            assert above is not None
            self._pair(after, above)
            node, toward = above, after

    def _pair(self, node: int, toward: int) -> None:
        """Let the node's partner lie in `toward`; inside a blossom the pairs turn with it."""
        inner, outer = self._edge(node, toward)
        self.mate[node] = outer
        if node < self.n:
            return
        entry = self.holder[node][inner]
        assert entry is not None
        place = self._even_place(node, entry)
        cycle = self.cycle[node]
        for index in range(place):
            self._pair(cycle[index], cycle[index ^ 1])
        self._pair(entry, toward)
        self.cycle[node] = cycle[place:] + cycle[:place]

    def _even_place(self, blossom: int, entry: int) -> int:
        """The place of the entry in the cycle, which is turned round if that is odd."""
        cycle = self.cycle[blossom]
        place = cycle.index(entry)
        if place % 2:
            self.cycle[blossom] = [cycle[0], *reversed(cycle[1:])]
            return len(cycle) - place
        return place

    # Blossoms.

    def _shrink(self, one: int, meeting: int, other: int) -> None:
        """Make the odd cycle that an edge between `one` and `other` closes a blossom."""
        blossom = next(node for node in range(self.n, 2 * self.n) if self.top[node] is None)
        self.price[blossom], self.label[blossom] = 0, EVEN
        self.mate[blossom] = self.mate[meeting]
        left, right = self._way(one, meeting), self._way(other, meeting)
        for node in left[1::2] + right[1::2]:
            self._enqueue(node)
        self.cycle[blossom] = [meeting, *reversed(left), *right]
        self._set_top(blossom, blossom)
        self.edges[blossom] = [None] * (2 * self.n)
        self.holder[blossom] = [None] * self.n
        for row in self.edges:
            row[blossom] = None
        for inner in self.cycle[blossom]:
            self._absorb(blossom, inner)
        self._find_nearest(blossom)

    def _way(self, node: int, meeting: int) -> list[int]:
        """The nodes from this one up to the meeting, which is left out: even, odd, even, odd …"""
        way: list[int] = []
        while node != meeting:
            partner = self.mate[node]
            assert partner is not None
            above = self.top[partner]
            assert above is not None
            up = self.parent[above]
            assert up is not None
            way += [node, above]
            beyond = self.top[up]
            assert beyond is not None
            node = beyond
        return way

    def _absorb(self, blossom: int, inner: int) -> None:
        """The blossom takes over the inner node's vertices, and its edges where they are nearer to tight."""
        # Also nodes inside other blossoms keep their edges: they are needed when those open.
        for node in range(2 * self.n):
            edge = self.edges[inner][node]
            known = self.edges[blossom][node]
            if edge is not None and (known is None or self._slack(edge) < self._slack(known)):
                self.edges[blossom][node] = edge
                self.edges[node][blossom] = (edge[1], edge[0])
        for vertex in range(self.n):
            if self.holder[inner][vertex] is not None:
                self.holder[blossom][vertex] = inner

    def _find_nearest(self, node: int) -> None:
        self.nearest[node] = None
        for vertex in range(self.n):
            outside = self.edges[vertex][node] is not None and self.top[vertex] != node
            if outside and self._label_of(vertex) == EVEN:
                self._note(vertex, node)

    def _set_top(self, node: int, top: int) -> None:
        self.top[node] = top
        if node >= self.n:
            for inner in self.cycle[node]:
                self._set_top(inner, top)

    def _expand(self, blossom: int) -> None:
        """An odd blossom without a price opens: the even way through it stays in the tree."""
        for inner in self.cycle[blossom]:
            self._set_top(inner, inner)
        up = self.parent[blossom]
        assert up is not None
        entry_vertex = self._edge(blossom, up)[0]
        entry = self.holder[blossom][entry_vertex]
        assert entry is not None
        place = self._even_place(blossom, entry)
        cycle = self.cycle[blossom]
        for index in range(0, place, 2):
            odd, even = cycle[index], cycle[index + 1]
            self.parent[odd] = self._edge(even, odd)[0]
            self.label[odd], self.label[even] = ODD, EVEN
            self.nearest[odd] = None
            self._find_nearest(even)
            self._enqueue(even)
        self.label[entry] = ODD
        self.parent[entry] = up
        for node in cycle[place + 1 :]:
            self.label[node] = None
            self._find_nearest(node)
        self.top[blossom] = None
