# What the containers tell.

locals {
  graphs_of_machines = [
    {
      title = "Memory"
      unit  = "percent"
      lines = [{ of = local.machines, name = "MemoryUtilization", stat = "Maximum", label = "memory" }]
    },
  ]
}
