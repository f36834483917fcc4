"""Machine learning: what a workload infers, what waits for it, what fails, and what its vector store answers."""

from dashboards.layout import Dashboard, row
from dashboards.ml_serving import INFERENCE, MODEL, OVERVIEW
from dashboards.panels import Query, rising, stat
from dashboards.rabbitmq import IN, RABBITMQ
from dashboards.variables import CLOUD, GIVEN_NAMESPACE
from dashboards.weaviate import VECTORS

SHOWN = ("Inferences", "Failed inferences", "Inference p95", "Vector query p95")
NOW = row(
    "Now",
    *(panel for panel in OVERVIEW.panels if panel.title in SHOWN),
    stat(
        "Work that waits",
        Query(expression=f"sum(rabbitmq_queue_messages_ready{{{IN}}})"),
        unit="short",
        description="Messages that nobody has taken from RabbitMQ. When it grows, workers are too few or too slow.",
        thresholds=rising(warning=100, critical=1000),
        decimals=0,
    ),
    stat(
        "Work in progress",
        Query(expression=f"sum(rabbitmq_queue_messages_unacked{{{IN}}})"),
        unit="short",
        description="Messages that workers have taken and not finished. One that does not change: a worker hangs.",
        decimals=0,
    ),
)

WAITING = ("RabbitMQ: messages that wait", "RabbitMQ: messages in and out")
QUEUES = row("Queues", *(panel for panel in RABBITMQ.panels if panel.title in WAITING))

DASHBOARD = Dashboard(
    uid="gw-workload-machine-learning",
    title="Machine learning",
    folder="Workloads",
    description="Inferences, their latency and errors, work that waits in queues, and the vector store.",
    tags=("workload", "ml", "weaviate"),
    related=("gw-ml-serving", "gw-data-services", "gw-service-overview"),
    variables=(CLOUD, GIVEN_NAMESPACE, MODEL),
    rows=(NOW, INFERENCE, QUEUES, VECTORS),
)
