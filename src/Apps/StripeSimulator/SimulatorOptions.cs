namespace Quoin.StripeSimulator;

/// <summary>How a simulator is started.</summary>
public sealed record SimulatorOptions
{
    /// <summary>The clock it lives by; it can be moved ahead of it.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>From the same seed come the same ids.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Where it listens on loopback; 0 takes any free port.</summary>
    public int Port { get; init; }

    /// <summary>The secret key it asks for; null takes any that begins with <c>sk_test_</c>.</summary>
    public string? SecretKey { get; init; }

    /// <summary>The file its state is kept in; null keeps it in memory only.</summary>
    public string? JournalFile { get; init; }

    /// <summary>Whether webhooks go out by themselves. When not, <see cref="Simulator.Deliver(CancellationToken)"/>
    /// sends them.</summary>
    public bool DeliversByItself { get; init; } = true;

    /// <summary>How long after each failed attempt the next one is made; the last one holds for all that follow.</summary>
    public IReadOnlyList<TimeSpan> DeliveryRetries { get; init; } =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30), TimeSpan.FromHours(2),
    ];

    /// <summary>How long after a payment with a disputed card its dispute is opened.</summary>
    public TimeSpan DisputeAfter { get; init; } = TimeSpan.Zero;

    /// <summary>How long a refund that waits or fails later takes.</summary>
    public TimeSpan RefundSettlesAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether what is available is paid out every day at midnight, UTC.</summary>
    public bool PaysOutDaily { get; init; } = true;

    /// <summary>The name of the business that customers read on the pages.</summary>
    public string BusinessName { get; init; } = "Quoin demo";
}
