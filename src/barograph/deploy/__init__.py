"""Step 6: bundles. A folder of plain files that answers without the training stack, or refuses."""
