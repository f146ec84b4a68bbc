namespace Quoin.Accounts;

/// <summary>What a token from outside turns out to be.</summary>
internal abstract record SignInLink
{
    private SignInLink()
    {
    }

    /// <summary>No token of ours: cut off, misspelt or made up.</summary>
    public sealed record Unknown : SignInLink;

    /// <summary>It has signed somebody in already.</summary>
    public sealed record Used : SignInLink;

    /// <summary>It came too late.</summary>
    public sealed record Expired : SignInLink;

    /// <summary>It works.</summary>
    public sealed record Good(string Email) : SignInLink;
}
