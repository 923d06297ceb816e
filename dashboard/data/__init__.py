"""Reading the published file: typed, read-only, one query a data set, nothing computed outside SQL.

A page run reads one `Snapshot` (path, inode, time) of the file. Results are cached by it, so that a file swapped in
by a publication is picked up at the next run, and a run never mixes two files: when the file changes before it could
be opened, `Swapped` is raised and the app starts the run again.

What most pages need is in `cells`: `figures` (cells × regions × periods), `ranking` (the regions below one), `pairs` (two cells or
two periods of the regions below one), `breaks` and `periods`. A page with another question adds a function to the module it belongs to.
"""

# ruff: noqa: F401  what pages call as data.<name>

from dashboard.data.cells import (
    APART,
    KINDS,
    STATE,
    Cell,
    PeriodKind,
    breaks,
    cell,
    figures,
    flows,
    pairs,
    pairs_of,
    periods,
    ranking,
    reporting,
    standing,
)
from dashboard.data.deliveries import (
    added_review,
    added_reviews,
    batches,
    broken_rules,
    control_totals,
    delivered_months,
    delivered_years,
    monthly_records,
    records,
    rejected_rows,
    review_list,
    rows_by_record,
)
from dashboard.data.downloads import (
    columns,
    content,
    headings,
    manifest,
    rows_at,
    tables,
)
from dashboard.data.file import (
    CORPS,
    LABELS,
    NATION,
    PLACES,
    TURNS,
    Damaged,
    Release,
    Snapshot,
    Swapped,
    one_of,
    query,
    release,
    snapshot,
)
from dashboard.data.places import (
    LETTERS,
    Region,
    children,
    region_path,
    region_tree,
    regions,
)
from dashboard.data.reconciliation import (
    RESULTS,
    identities,
    published_copies,
    published_identities,
    reconciled,
    reconciled_choices,
    reconciled_counts,
)
from dashboard.data.words import (
    Dimension,
    Entry,
    all_breaks,
    catalogue,
    cells_of,
    dimensions,
    indicators,
    printed_figures,
    sections,
    terms,
    values_of,
)
