import { JACK_CABLES, JACK_PASSAGE, JACK_PEERS, JACK_SELF } from '../midi/driver.ts';

/** Text of one file of `@julusian/midi` that is replaced, wherever it stands. */
export interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const RTMIDI = 'vendor/rtmidi/RtMidi.cpp';
const inRtMidi = (from: string, to: string): Change => ({ file: RTMIDI, from, to });

/**
 * What RtMidi lacks. Who is connected it does not say, nor whether somebody was late and lost what was sent. And a server that ends leaves its
 * clients what they shared with it: they list its ports for ever, and the library gives a new client the old server's memory as long as one of
 * the old is open anywhere in the process.
 */
const ADDED = `
static std::string jackPeers( const JackMidiData *data )
{
  std::string peers;
  const char **names = data->port && !data->lost ? jack_port_get_connections( data->port ) : NULL;
  for ( int i=0; names && names[i]; i++ ) peers += std::string( names[i] ) + "\\n";
  if ( names ) jack_free( names );
  return peers;
}

static std::string jackSelf( const JackMidiData *data )
{
  if ( !data->client || data->lost ) return "";
  return data->port ? jack_port_name( data->port ) : jack_get_client_name( data->client );
}

static std::string jackCables( const JackMidiData *data )
{
  std::string cables;
  const char **ports = data->client && !data->lost ? jack_get_ports( data->client, NULL, JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput ) : NULL;
  for ( int i=0; ports && ports[i]; i++ ) {
    jack_port_t *port = jack_port_by_name( data->client, ports[i] );
    const char **names = port ? jack_port_get_all_connections( data->client, port ) : NULL;
    cables += ports[i];
    for ( int n=0; names && names[n]; n++ ) cables += std::string( "\\t" ) + names[n];
    cables += "\\n";
    if ( names ) jack_free( names );
  }
  if ( ports ) jack_free( ports );
  return cables;
}

static std::string jackPassage( const JackMidiData *data )
{
  if ( !data->port || data->lost || !data->buff ) return "";
  return std::to_string( (int) data->xruns ) + " " + std::to_string( jack_ringbuffer_read_space( data->buff ) );
}

static int jackXrun( void *arg )
{
  static_cast<JackMidiData *> (arg)->xruns++;
  return 0;
}

static std::atomic<int> jackLost { 0 };

static void jackShutdown( void *arg )
{
  jackLost++;
  static_cast<JackMidiData *> (arg)->lost = true;
}

static void jackClose( JackMidiData *data )
{
  jack_client_close( data->client );
  if ( data->lost ) jackLost--;
}

static void jackSilence( const char * ) {}
`;

const ANSWERS = { [JACK_PEERS]: 'jackPeers', [JACK_SELF]: 'jackSelf', [JACK_CABLES]: 'jackCables', [JACK_PASSAGE]: 'jackPassage' };

/** The name of a port that cannot be answers what RtMidi has no question for. */
const answers = (direction: 'In' | 'Out'): Change => {
  const from = `std::string Midi${direction}Jack :: getPortName( unsigned int portNumber )\n{\n  JackMidiData *data = static_cast<JackMidiData *> (apiData_);\n`;
  return inRtMidi(from, from + Object.entries(ANSWERS).map(([number, answer]) => `  if ( portNumber == (unsigned int) ${number} ) return ${answer}( data );\n`).join(''));
};

/** No server is nothing to print each time one is looked for. */
const quietly = (direction: 'In' | 'Out'): Change => {
  const said = `errorString_ = "Midi${direction}Jack::initialize: JACK server not running?";\n    error( RtMidiError::`;
  return inRtMidi(`${said}WARNING`, `${said}DEBUG_WARNING`);
};

/** What makes the package one for JACK. */
export const JACK_CHANGES: readonly Change[] = [
  // With the semaphore, a port that closes waits until what was sent last is out.
  { file: 'binding.gyp', from: "'__LINUX_ALSA__'", to: "'__UNIX_JACK__', 'HAVE_SEMAPHORE'" },
  { file: 'binding.gyp', from: '-lasound', to: '-ljack' },
  inRtMidi('#include <jack/ringbuffer.h>\n', '#include <jack/ringbuffer.h>\n#include <atomic>\n'),
  inRtMidi('  MidiInApi :: RtMidiInData *rtMidiIn;\n  };', '  MidiInApi :: RtMidiInData *rtMidiIn;\n  std::atomic<bool> lost { false };\n  std::atomic<int> xruns { 0 };\n  };'),
  inRtMidi('  jack_ringbuffer_t *buff;\n', '  jack_ringbuffer_t *buff = NULL;\n'),
  inRtMidi(`//  Class Definitions: MidiInJack
//*********************************************************************//
`, `//  Class Definitions: MidiInJack
//*********************************************************************//
${ADDED}`),
  answers('In'),
  answers('Out'),
  quietly('In'),
  quietly('Out'),
  inRtMidi('  // Initialize JACK client\n', '  // Initialize JACK client\n  if ( jackLost > 0 ) return;\n  jack_set_error_function( jackSilence );\n'),
  inRtMidi('  jack_activate( data->client );\n', '  jack_on_shutdown( data->client, jackShutdown, data );\n  jack_set_xrun_callback( data->client, jackXrun, data );\n  jack_activate( data->client );\n'),
  inRtMidi('    jack_client_close( data->client );\n', '    jackClose( data );\n'),
  inRtMidi('  if ( !data->client )\n    return 0;\n', '  if ( !data->client || data->lost )\n    return 0;\n'),
  inRtMidi('  jack_port_unregister( data->client, data->port );\n', '  if ( !data->lost ) jack_port_unregister( data->client, data->port );\n'),
  inRtMidi('  if ( clock_gettime( CLOCK_REALTIME, &ts ) != -1 ) {\n', '  if ( !data->lost && clock_gettime( CLOCK_REALTIME, &ts ) != -1 ) {\n'),
  // A ring that nobody empties stays full: RtMidi waits for room in it, and with it the thread that sends, for ever.
  inRtMidi(
    '  while ( jack_ringbuffer_write_space(data->buff) < sizeof(nBytes) + size )\n      sched_yield();\n',
    '  if ( data->lost || jack_ringbuffer_write_space(data->buff) < sizeof(nBytes) + size )\n      throw RtMidiError( "nobody takes what is sent", RtMidiError::DRIVER_ERROR );\n',
  ),
  // A period has room for fewer messages than the ring: what does not fit is for the next one, not lost. What does not fit an empty one never will.
  inRtMidi(
    '    jack_ringbuffer_read_advance( data->buff, sizeof(space) );\n\n    midiData = jack_midi_event_reserve( buff, 0, space );\n',
    '    midiData = jack_midi_event_reserve( buff, 0, space );\n    if ( !midiData && jack_midi_get_event_count( buff ) > 0 ) break;\n    jack_ringbuffer_read_advance( data->buff, sizeof(space) );\n',
  ),
];
