# One dashboard for all regions: what callers see first, then what the machines say. Every graph has its lines in each region.

locals {
  invocations = "AWS/SageMaker"
  machines    = "/aws/sagemaker/Endpoints"
  variants    = local.home.variant_names
  dimensions  = [for name in local.variants : ["EndpointName", var.name, "VariantName", name]]
  called      = [for name in local.variants : length(local.variants) == 1 ? "" : " ${name}"] # in a label, after what it is

  # A graph: its title, the unit of its axis, and its lines, one for each variant unless a line has dimensions of its own. Where it
  # stands follows from the order.
  graphs = concat(local.graphs_of_mode, [
    {
      title = "Answers that are errors"
      unit  = "a minute"
      lines = [
        { of = local.invocations, name = "Invocation5XXErrors", stat = "Sum", label = "5xx" },
        { of = local.invocations, name = "Invocation4XXErrors", stat = "Sum", label = "4xx" },
      ]
    },
    {
      title = "Time in the container"
      unit  = "microseconds"
      lines = [for stat in ["p50", "p99"] : { of = local.invocations, name = "ModelLatency", stat = stat, label = stat }]
    },
  ], local.graphs_of_machines)

  graph_widgets = [
    for index, graph in local.graphs : {
      type   = "metric"
      x      = index % 2 * 12
      y      = floor(index / 2) * 6
      width  = 12
      height = 6
      properties = {
        title  = graph.title
        region = var.region
        view   = "timeSeries"
        period = 60
        yAxis  = { left = { min = 0, label = graph.unit, showUnits = false } }
        metrics = concat(try(graph.made, []), [
          for one in setproduct(keys(local.region_codes), range(length(graph.lines)), range(length(local.variants))) : concat(
            [graph.lines[one[1]].of, graph.lines[one[1]].name], try(graph.lines[one[1]].dimensions, local.dimensions[one[2]]),
            [{ stat = graph.lines[one[1]].stat, label = "${graph.lines[one[1]].label}${local.called[one[2]]} ${one[0]}", region = one[0] }],
          ) if one[2] == 0 || !can(graph.lines[one[1]].dimensions)
        ])
      }
    }
  ]

  log_widgets = [
    for index, region in keys(local.region_codes) : {
      type   = "log"
      x      = 0
      y      = (ceil(length(local.graphs) / 2) + index) * 6
      width  = 24
      height = 6
      properties = {
        title  = "Errors of the server in ${region}"
        region = region
        view   = "table"
        query  = "SOURCE '/aws/sagemaker/Endpoints/${var.name}' | fields @timestamp, @message | filter level = 'error' | sort @timestamp desc | limit 20"
      }
    }
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.name}-${local.home_code}" # dashboards are global to an account
  dashboard_body = jsonencode({ start = "-PT6H", periodOverride = "inherit", widgets = concat(local.graph_widgets, local.log_widgets) })
}

output "dashboard_url" {
  description = "The dashboard, for a browser that is signed in"
  value       = "https://${var.region}.console.${local.console}/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

locals {
  console = startswith(var.region, "cn-") ? "amazonaws.cn" : startswith(var.region, "us-gov-") ? "amazonaws-us-gov.com" : "aws.amazon.com"
}
