namespace Quoin.Tests.Simulation.Payments;

/// <summary>What a customer can ask for.</summary>
internal enum Wish
{
    Plan,
    TopUp,
    OneOff,
    Portal,
    Link,
    Change,
}

/// <summary>One thing a customer asks for once, however often it is sent.</summary>
/// <param name="Key">The client's key.</param>
/// <param name="Wish">What for.</param>
/// <param name="Detail">Which plan, or how much in minor units.</param>
internal sealed record Intent(string Key, Wish Wish, string Detail)
{
    /// <summary>The first answer; every later one must be the same.</summary>
    public string? Answer { get; set; }

    public DateTimeOffset AnsweredAt { get; set; }

    /// <summary>The code of the last refusal.</summary>
    public string? Refusal { get; set; }

    /// <summary>The checkout that was answered.</summary>
    public string? Session { get; set; }

    /// <summary>The payment link that was answered.</summary>
    public string? Link { get; set; }

    public override string ToString() => $"{Wish} {Detail} ({Key})";
}
