"""At-risk assessment: each donor's own giving rhythm, its model and its backtest."""
