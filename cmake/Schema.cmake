# vigie_schema(TARGET NAME FILE): compiles an OpenAPI v3 schema into constant tables, so that the program
# neither reads nor parses it at run time. The table is declared in src/spec/schema.hpp as NAME().
function(vigie_schema target name file)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}.schema.cpp)
  add_custom_command(OUTPUT ${out}
    COMMAND schema-compiler ${name} ${file} ${out}
    DEPENDS schema-compiler ${file}
    COMMENT "Compiling schema ${name}")
  target_sources(${target} PRIVATE ${out})
endfunction()
