"""Services: rate, errors and duration of a workload's services, and how full they are."""

from dashboards.layout import Dashboard
from dashboards.service_overview import LOGS, NOW, REQUESTS, SATURATION, SERVICES
from dashboards.variables import CLOUD, GIVEN_NAMESPACE, GIVEN_SERVICE

DASHBOARD = Dashboard(
    uid="gw-workload-services",
    title="Services",
    folder="Workloads",
    description="Rate, errors and duration of the services, how full their pods are, and their errors in the logs.",
    tags=("workload", "red"),
    related=("gw-service-overview", "gw-slo", "gw-application-logs"),
    variables=(CLOUD, GIVEN_NAMESPACE, GIVEN_SERVICE),
    rows=(NOW, SERVICES, REQUESTS, SATURATION, LOGS),
)
