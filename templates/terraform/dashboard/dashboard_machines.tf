# What the machines tell. A CPU counts 100 % for each core, a GPU for each card.

locals {
  of_gpus = can(regex("^ml\\.[gp][0-9]", var.instance_type)) ? ["GPUUtilization", "GPUMemoryUtilization"] : []

  graphs_of_machines = [
    for title, names in {
      "CPU"             = ["CPUUtilization"]
      "Memory and disk" = ["MemoryUtilization", "DiskUtilization"]
      "GPU"             = local.of_gpus
      } : {
      title = title
      unit  = "percent"
      lines = [for name in names : { of = local.machines, name = name, stat = "Maximum", label = trimsuffix(name, "Utilization") }]
    } if length(names) > 0
  ]
}
