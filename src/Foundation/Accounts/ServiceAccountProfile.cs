namespace Quoin.Accounts;

/// <summary>A machine of an organisation that owns keys: a gateway, a nightly job. It outlives who set it up.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What it is.</param>
/// <param name="CreatedBy">Who created it.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="DisabledBy">Who disabled it; null while it is enabled.</param>
/// <param name="DisabledAt">Since when all its keys are refused; null while it is enabled.</param>
public sealed record ServiceAccountProfile(
    ServiceAccountId Id,
    string Name,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    string? DisabledBy,
    DateTimeOffset? DisabledAt);

/// <summary>A service account to be created.</summary>
/// <param name="Name">What it is: 1 to 200 letters.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record NewServiceAccount(string Name, string? Reason = null);

/// <summary>Every way creating, disabling or enabling a service account can end.</summary>
public abstract record ServiceAccountOutcome
{
    private ServiceAccountOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : ServiceAccountOutcome;

    /// <summary>There is no such service account here.</summary>
    public sealed record NoSuchAccount : ServiceAccountOutcome;

    /// <summary>There are <see cref="Limits.ServiceAccountsMax"/> already.</summary>
    public sealed record TooMany : ServiceAccountOutcome;

    /// <summary>It is as asked, now or since before.</summary>
    public sealed record Done(ServiceAccountProfile Account) : ServiceAccountOutcome;
}
