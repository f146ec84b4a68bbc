namespace Quoin.Accounts;

/// <summary>Who may sign up.</summary>
public enum SignUpPolicy
{
    /// <summary>Whoever is invited.</summary>
    Invited,

    /// <summary>Everyone.</summary>
    Open,

    /// <summary>Nobody: people are made on the command line.</summary>
    Closed,
}

/// <summary>What the operator says about people.</summary>
public sealed record AccountsOptions
{
    /// <summary>
    /// How this Quoin is reached, for links in mails. Without it only who asks on this very machine gets such links: what
    /// a request says of its host may be made up.
    /// </summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Who may sign up.</summary>
    public SignUpPolicy SignUp { get; init; }
}
