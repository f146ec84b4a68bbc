using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A program that asks for a key.</summary>
/// <param name="Client">What it calls itself, for the person who is asked: <c>quoin on ada-laptop</c>.</param>
/// <param name="Scopes">What it wants to do; all that a key may hold where left out.</param>
public sealed record NewDeviceCode(string Client, IReadOnlyList<string>? Scopes = null);

/// <summary>What a program needs to be let in (RFC 8628, section 3.2).</summary>
/// <param name="DeviceCode">The program's own secret, to fetch the key with.</param>
/// <param name="UserCode">What the person enters.</param>
/// <param name="VerificationUri">Where they enter it.</param>
/// <param name="VerificationUriComplete">The same with the code in it.</param>
/// <param name="ExpiresIn">How many seconds both codes work.</param>
/// <param name="Interval">How many seconds to wait between two questions for the key.</param>
public sealed record DeviceCodeGrant(
    string DeviceCode,
    string UserCode,
    string VerificationUri,
    string VerificationUriComplete,
    int ExpiresIn,
    int Interval)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => UserCode;
}

/// <summary>A program's question whether it was let in.</summary>
/// <param name="DeviceCode">Its secret.</param>
public sealed record DevicePoll(string DeviceCode)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => nameof(DevicePoll);
}

/// <summary>A device that was let in.</summary>
/// <param name="AccessToken">The key's secret, to send as <c>Authorization: Bearer …</c>; told this once.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresIn">How many seconds the key works.</param>
/// <param name="Key">The key.</param>
/// <param name="OrganisationId">The organisation it acts in.</param>
/// <param name="OrganisationName">What that is called.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="UserName">What they are called.</param>
public sealed record DeviceToken(
    string AccessToken,
    string TokenType,
    int ExpiresIn,
    KeyProfile Key,
    OrgId OrganisationId,
    string OrganisationName,
    UserId UserId,
    string UserName)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => Key.ToString();
}

/// <summary>A program that waits for somebody's approval, as that person sees it.</summary>
/// <param name="Id">The request.</param>
/// <param name="UserCode">The code, as people read it.</param>
/// <param name="Client">What the program calls itself.</param>
/// <param name="Scopes">What it wants to do.</param>
/// <param name="Ip">From where it asked; null when unknown.</param>
/// <param name="CreatedAt">When it asked.</param>
/// <param name="ExpiresAt">Until when it waits.</param>
public sealed record DeviceRequest(
    DeviceCodeId Id,
    string UserCode,
    string Client,
    IReadOnlyList<string> Scopes,
    string? Ip,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt);

/// <summary>Every way a program's request for a code can end.</summary>
public abstract record DeviceCodeOutcome
{
    private DeviceCodeOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : DeviceCodeOutcome;

    /// <summary>Too many programs wait already, here or at this address.</summary>
    public sealed record TooMany : DeviceCodeOutcome;

    /// <summary>It may wait now.</summary>
    public sealed record Granted(string DeviceCode, DeviceRequest Request) : DeviceCodeOutcome;
}

/// <summary>Every way asking for a device's key can end (RFC 8628, section 3.5).</summary>
public abstract record DevicePollOutcome
{
    private DevicePollOutcome()
    {
    }

    /// <summary>The device code was never given out, or its key was fetched already.</summary>
    public sealed record Unknown : DevicePollOutcome;

    /// <summary>Nobody decided in time.</summary>
    public sealed record Expired : DevicePollOutcome;

    /// <summary>Somebody said no; or who said yes may not (any more).</summary>
    public sealed record Denied : DevicePollOutcome;

    /// <summary>It asks too often: from now on it must wait longer.</summary>
    /// <param name="Interval">How many seconds.</param>
    public sealed record SlowDown(int Interval) : DevicePollOutcome;

    /// <summary>Nobody has decided yet.</summary>
    public sealed record Pending : DevicePollOutcome;

    /// <summary>It is let in; the secret is told this once.</summary>
    public sealed record LetIn(DeviceToken Token) : DevicePollOutcome;
}

/// <summary>Every way a person's look at, or decision about, a device can end.</summary>
public abstract record DeviceDecisionOutcome
{
    private DeviceDecisionOutcome()
    {
    }

    /// <summary>They tried too many codes that are none.</summary>
    public sealed record TooManyTries : DeviceDecisionOutcome;

    /// <summary>No program waits with this code (any more).</summary>
    public sealed record Unknown : DeviceDecisionOutcome;

    /// <summary>They do not belong to the organisation they named.</summary>
    public sealed record NotAMember : DeviceDecisionOutcome;

    /// <summary>The program that waits.</summary>
    public sealed record Waiting(DeviceRequest Request) : DeviceDecisionOutcome;

    /// <summary>It is decided.</summary>
    /// <param name="Approved">Whether the program is let in.</param>
    public sealed record Decided(bool Approved) : DeviceDecisionOutcome;
}
