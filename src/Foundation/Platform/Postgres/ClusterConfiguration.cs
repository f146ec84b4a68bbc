using System.Globalization;

namespace Quoin.Platform;

/// <summary>
/// The settings of the embedded cluster: written as <c>quoin.conf</c> at every start, so they follow the machine.
/// <c>alter system</c> wins over them.
/// </summary>
public static class ClusterConfiguration
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>The file's text.</summary>
    /// <param name="socketFolder">Where the Unix socket goes; there is no other way in.</param>
    /// <param name="memoryBytes">Memory of the machine or container.</param>
    /// <param name="compression">A value <c>wal_compression</c> takes on this build.</param>
    public static string Text(string socketFolder, long memoryBytes, string compression)
    {
        var sharedBuffers = Math.Clamp(
            memoryBytes / 4, PostgresLimits.SharedBuffersBytesMin, PostgresLimits.SharedBuffersBytesMax);
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Written by quoin at every start; edits are lost. Use `alter system` to change a setting.
            listen_addresses = ''
            unix_socket_directories = '{socketFolder.Replace("'", "''", StringComparison.Ordinal)}'
            unix_socket_permissions = 0700
            max_connections = {PostgresLimits.ServerConnectionsMax}

            shared_buffers = {sharedBuffers / Mebibyte}MB
            effective_cache_size = {Math.Max(memoryBytes / 2, sharedBuffers) / Mebibyte}MB
            maintenance_work_mem = {Math.Clamp(memoryBytes / 32 / Mebibyte, 64, 512)}MB
            work_mem = 16MB
            random_page_cost = 1.1
            jit = off

            fsync = on
            max_wal_size = 4GB
            min_wal_size = 512MB
            checkpoint_timeout = 15min
            wal_compression = {compression}

            # Tables here grow fast and are queried at once: look often and work faster than the cautious default.
            autovacuum_naptime = 20s
            autovacuum_vacuum_cost_limit = 2000

            # One file per weekday, overwritten a week later. Terse and without parameters: rows never reach a log.
            logging_collector = on
            log_directory = 'log'
            log_filename = 'postgresql-%a.log'
            log_truncate_on_rotation = on
            log_rotation_age = 1d
            log_rotation_size = 0
            log_min_duration_statement = 2s
            log_error_verbosity = terse
            log_parameter_max_length = 0
            lc_messages = 'C'
            timezone = 'UTC'
            log_timezone = 'UTC'

            """);
    }
}
