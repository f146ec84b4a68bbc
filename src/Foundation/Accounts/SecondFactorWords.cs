namespace Quoin.Accounts;

/// <summary>The secret an authenticator app is given. It counts once a code of it was given back.</summary>
/// <param name="Secret">As people type it.</param>
/// <param name="Uri">As apps read it from a picture: <c>otpauth://totp/…</c>.</param>
public sealed record SecondFactorSecret(string Secret, string Uri)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => "A second factor's secret";
}

/// <summary>Every way changing one's second factor can end, in the order they are checked.</summary>
public abstract record SecondFactorOutcome
{
    private SecondFactorOutcome()
    {
    }

    /// <summary>Too many wrong codes; none is looked at before the wait is over.</summary>
    public sealed record TooMany(TimeSpan Wait) : SecondFactorOutcome;

    /// <summary>None is being set up, or none is set up.</summary>
    public sealed record NotSetUp : SecondFactorOutcome;

    /// <summary>The code is not right, or was used before.</summary>
    public sealed record WrongCode : SecondFactorOutcome;

    /// <summary>It is done.</summary>
    /// <param name="RecoveryCodes">New recovery codes, shown this once; empty where none were made.</param>
    public sealed record Done(IReadOnlyList<string> RecoveryCodes) : SecondFactorOutcome;
}
