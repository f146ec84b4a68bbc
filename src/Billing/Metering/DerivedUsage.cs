using Quoin.Kernel;

namespace Quoin.Metering;

/// <summary>What usage is told apart by: the key of a bucket within an organisation.</summary>
/// <param name="BillingAccount">Billed to.</param>
/// <param name="Meter">What was counted.</param>
/// <param name="Dimensions">Of which kind.</param>
/// <param name="BucketStart">In which quarter hour.</param>
public readonly record struct UsageKey(
    BillingAccountId BillingAccount, MeterId Meter, Dimensions Dimensions, DateTimeOffset BucketStart);

/// <summary>What one stored event adds to one bucket, measured again from the event alone.</summary>
/// <param name="Key">Which bucket.</param>
/// <param name="Fold">The fold that counted it.</param>
/// <param name="Quantity">How much it adds; zero of a gauged meter.</param>
/// <param name="EventCount">One for an event that was sent, minus one for one taken back.</param>
public readonly record struct DerivedUsage(UsageKey Key, Guid Fold, decimal Quantity, long EventCount);

/// <summary>A bucket as it is stored.</summary>
/// <param name="Key">Which.</param>
/// <param name="Quantity">What it holds.</param>
/// <param name="EventCount">From how many events.</param>
public readonly record struct StoredBucket(UsageKey Key, decimal Quantity, long EventCount);
