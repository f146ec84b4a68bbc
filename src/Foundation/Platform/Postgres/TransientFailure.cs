using Npgsql;

namespace Quoin.Platform;

/// <summary>Tells the failures that trying the whole transaction again can cure from bugs, which it cannot.</summary>
public static class TransientFailure
{
    /// <summary>
    /// Whether it is a serialization failure, a deadlock, a dead or refused connection, a server that starts or stops,
    /// or a timeout. What was in flight may or may not have been committed: the work must bear being repeated.
    /// </summary>
    public static bool Is(Exception exception) => exception switch
    {
        NpgsqlException npgsql => npgsql.IsTransient || npgsql.InnerException is TimeoutException,
        { InnerException: { } inner } => Is(inner),
        _ => false,
    };
}
