"""What a trace tells: flow of gradients, Jacobians, memory, the doctor's report, monitors of long trainings."""
