"""What every resource stands on: time, identifiers, the database, tenancy, actors and problems. No HTTP here."""
