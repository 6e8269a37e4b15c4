"""The Pulumi program: settings, plan-time checks, pure builders and components."""
