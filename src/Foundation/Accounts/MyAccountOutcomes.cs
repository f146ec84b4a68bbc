namespace Quoin.Accounts;

/// <summary>Every way changing one's password can end, in the order they are checked.</summary>
public abstract record ChangePasswordOutcome
{
    private ChangePasswordOutcome()
    {
    }

    /// <summary>There is no password yet, and who they are was last proved too long ago.</summary>
    public sealed record ProofTooOld : ChangePasswordOutcome;

    /// <summary>The new one may not be chosen.</summary>
    /// <param name="Problem">Why, to be put behind "The password".</param>
    public sealed record Invalid(string Problem) : ChangePasswordOutcome;

    /// <summary>Too many wrong ones.</summary>
    public sealed record TooMany(TimeSpan Wait) : ChangePasswordOutcome;

    /// <summary>The present one is another.</summary>
    public sealed record WrongPassword : ChangePasswordOutcome;

    /// <summary>It is changed; every session has ended, and the answer carries a new one.</summary>
    public sealed record Changed : ChangePasswordOutcome;
}

/// <summary>Every way asking for another address can end, in the order they are checked.</summary>
public abstract record ChangeEmailOutcome
{
    private ChangeEmailOutcome()
    {
    }

    /// <summary>It is no address.</summary>
    /// <param name="Problem">Why, to be put behind "The address".</param>
    public sealed record Invalid(string Problem) : ChangeEmailOutcome;

    /// <summary>This host cannot put links into mails.</summary>
    public sealed record NoPublicUrl : ChangeEmailOutcome;

    /// <summary>Who they are was last proved too long ago.</summary>
    public sealed record ProofTooOld : ChangeEmailOutcome;

    /// <summary>Too many mails.</summary>
    public sealed record TooMany(TimeSpan Wait) : ChangeEmailOutcome;

    /// <summary>A mail is on its way there; its link confirms it. The same for an address somebody else has.</summary>
    public sealed record MailSent : ChangeEmailOutcome;
}
