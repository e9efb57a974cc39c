"""The ledger branch of the forecasting engine: weekly counts, severities and the year's total of losses."""
