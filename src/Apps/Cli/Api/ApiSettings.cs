namespace Quoin.Cli;

/// <summary>Where the API is, and as whom to call it.</summary>
/// <param name="Urls">One replica or more; requests go round, and around one that is away.</param>
/// <param name="Key">The key; null sends none.</param>
/// <param name="Org">The organisation to act in; operator keys need it, a key of an organisation does not.</param>
public sealed record ApiSettings(IReadOnlyList<Uri> Urls, string? Key, string? Org)
{
    /// <summary>How long one request is tried again while the server is busy or away.</summary>
    public TimeSpan Patience { get; init; } = Limits.PatienceDefault;

    /// <summary>Connections to each replica.</summary>
    public int Connections { get; init; } = Limits.ConnectionsDefault;

    /// <summary>Without the key, which belongs in no log.</summary>
    public override string ToString() => $"{string.Join(" ", Urls)} {Org}";
}
