namespace Quoin.Accounts;

/// <summary>A feature flag: a typed value that operators change while everything runs, for all or for one organisation.</summary>
/// <param name="Name">Its stable name, <c>noun.word</c>.</param>
/// <param name="Description">What it does.</param>
public abstract record Flag(string Name, string Description)
{
    /// <summary>Whether new organisations may start a trial.</summary>
    public static readonly Flag<bool> TrialsEnabled = new(
        "trials.enabled", "Whether people may start a trial with credits.", Default: true);

    /// <summary>How much credit a trial gives, in micros of the billing account's currency.</summary>
    public static readonly Flag<long> TrialCreditMicros = new(
        "trials.credit_micros", "How much credit a trial gives, in millionths of the currency.", Default: 5_000_000);

    /// <summary>Whether the overview shows new organisations what to do first.</summary>
    public static readonly Flag<bool> OnboardingChecklist = new(
        "onboarding.checklist", "Whether the overview shows new organisations what to do first.", Default: true);

    /// <summary>Every flag there is.</summary>
    public static IReadOnlyList<Flag> All { get; } = [TrialsEnabled, TrialCreditMicros, OnboardingChecklist];

    /// <summary>What its values are: <c>bool</c>, <c>number</c> or <c>text</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>What it is where nobody set it, as JSON.</summary>
    public abstract string DefaultJson { get; }

    /// <summary>Whether a JSON text is a value of it.</summary>
    internal abstract bool Takes(string json);
}

/// <summary>A feature flag of one type.</summary>
/// <typeparam name="T"><see cref="bool"/>, <see cref="long"/> or <see cref="string"/>.</typeparam>
/// <param name="Name">Its stable name, <c>noun.word</c>.</param>
/// <param name="Description">What it does.</param>
/// <param name="Default">What it is where nobody set it.</param>
public sealed record Flag<T>(string Name, string Description, T Default) : Flag(Name, Description)
    where T : notnull
{
    /// <inheritdoc />
    public override string Kind => Default switch
    {
        bool => "bool",
        long => "number",
        _ => "text",
    };

    /// <inheritdoc />
    public override string DefaultJson => System.Text.Json.JsonSerializer.Serialize(Default);

    /// <summary>Reads a value that was kept; the default where an older release kept another type.</summary>
    internal T Read(string? json) => json is not null && TryRead(json, out var value) ? value : Default;

    /// <inheritdoc />
    internal override bool Takes(string json) => TryRead(json, out _);

    private static bool TryRead(string json, out T value)
    {
        try
        {
            value = System.Text.Json.JsonSerializer.Deserialize<T>(json)!;
            return value is not null;
        }
        catch (System.Text.Json.JsonException)
        {
            value = default!;
            return false;
        }
    }
}

/// <summary>A flag and what it is set to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Kind"><c>bool</c>, <c>number</c> or <c>text</c>.</param>
/// <param name="Default">What it is where nobody set it.</param>
/// <param name="ForAll">What it is set to for all; null where it is not.</param>
/// <param name="ForOrganisation">What it is set to for the organisation asked about; null where it is not.</param>
public sealed record FlagProfile(
    string Name,
    string Description,
    string Kind,
    System.Text.Json.JsonElement Default,
    System.Text.Json.JsonElement? ForAll,
    System.Text.Json.JsonElement? ForOrganisation);

/// <summary>A flag to be set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What it shall be; null to unset it.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record FlagChange(string Name, System.Text.Json.JsonElement? Value, string? Reason = null);

/// <summary>Every way setting a flag can end, in the order they are checked.</summary>
public abstract record SetFlagOutcome
{
    private SetFlagOutcome()
    {
    }

    /// <summary>There is no such flag, or the value is none of its.</summary>
    public sealed record Invalid(InvalidInput Input) : SetFlagOutcome;

    /// <summary>It is set; every replica knows within a second.</summary>
    public sealed record Done(FlagProfile Flag) : SetFlagOutcome;
}
